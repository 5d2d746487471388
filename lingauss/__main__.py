"""``python -m lingauss`` is the command line."""

from lingauss.cli import main

if __name__ == "__main__":
    main()
