"""An estimate as its page shows it: read, put in tables, said in sentences."""
