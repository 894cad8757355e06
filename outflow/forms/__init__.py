"""One form for each thing a person does with clients; each hands over values of the domain."""
