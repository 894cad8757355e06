"""An invented region: everything in it is made up, from one seed and one reference date."""
