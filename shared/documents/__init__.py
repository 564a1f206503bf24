"""Official papers as PDF: typesetting, the common layout, and how Vietnamese papers write dates and amounts."""
