"""What a desk does not receive: the visitor gets in writing what is to be completed (form 02), or why it is refused (form 03)."""
