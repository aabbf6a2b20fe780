"""What `make bench` runs: figures, each beside a reference measured in the same run."""
