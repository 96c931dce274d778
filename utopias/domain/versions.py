"""The version of this program, for folders and reports."""

VERSION = "0.1.0"
