"""A machine with releases on it: where all lies, who may read it, and how the program is run."""
