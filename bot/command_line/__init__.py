"""The terminal's side of the counter: `program` takes the command, one module does each."""
