"""``python -m qingdan`` is the ``qingdan`` command."""

from qingdan.cli import main

if __name__ == "__main__":
    main(prog_name="qingdan")
