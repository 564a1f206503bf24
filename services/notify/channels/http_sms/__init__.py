"""SMS through a gateway that takes JSON over HTTP; docs/sms.md describes what it must do."""
