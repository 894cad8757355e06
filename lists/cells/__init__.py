"""What a cell says: numbers, days, words and places as people write them in lists."""
