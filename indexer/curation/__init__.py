"""The texts beside the press releases that people edit, each read line by line; a bad line stops nothing."""
