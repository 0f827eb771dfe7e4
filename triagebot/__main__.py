"""``python -m triagebot`` and the ``triagebot`` command."""

from triagebot.cli import main

if __name__ == "__main__":
    main()
