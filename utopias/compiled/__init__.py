"""Machine code: how kernels are declared, made, kept and called. See ``kernel``."""
