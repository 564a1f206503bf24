"""Message templates: what an SMS says. The texts are in ``data/sms_templates.json``; they are checked when they are loaded."""
