"""Sites and services chosen together: which houses open, and what each offers."""
