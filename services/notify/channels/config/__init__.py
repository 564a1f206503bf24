"""The file that names the providers of each channel: ``MOTCUA_NOTIFY_PROVIDERS``; docs/sms.md describes it."""
