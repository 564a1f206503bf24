"""Printing slips of 80 mm on thermal printers: what a slip shows, its dots, and their way to the printer."""
