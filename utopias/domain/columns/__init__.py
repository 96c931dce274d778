"""The declared columns of every table, one CSV a table; ``domain.tables`` reads them."""
