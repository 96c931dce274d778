"""Porto's streets from open data: how large a file is read, what hangs together, how doors are joined."""
