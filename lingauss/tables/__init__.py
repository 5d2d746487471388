"""Tables of inputs and targets, from files, frames and arrays: read a batch at a time, never unpickled."""
