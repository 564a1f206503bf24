"""Reading by programs: an agency's own software reads the papers of its steps, the national portal's plug-in reads any dossier."""
