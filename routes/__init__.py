"""Which of two services behind one address serves what: a table, made from their contracts."""
