"""E-mail: messages by SMTP or into files, and the reports of mail servers that could not deliver them."""
