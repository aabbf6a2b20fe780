"""A plugin that ends the process while it is loaded, as a careless command-line module would."""

import sys

sys.exit("goodbye")
