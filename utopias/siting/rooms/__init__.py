"""Places that fill up: who goes where, by the exact split or from one source each."""
