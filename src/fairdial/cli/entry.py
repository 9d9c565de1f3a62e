"""The command `fairdial`: loading takes a second, and Ctrl-C within it is no traceback."""

from __future__ import annotations

import sys


def main() -> None:
    """Load and run the command line."""
    try:
        from fairdial.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
