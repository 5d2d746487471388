"""One file per entry: a computation by public calls alone, a drawing, and the record of both."""
