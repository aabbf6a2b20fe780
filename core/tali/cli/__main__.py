"""`python -m tali.cli`, as `tali up` starts its children."""

from tali.cli import main

main()
