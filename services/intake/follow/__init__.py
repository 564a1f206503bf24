"""Following a dossier (theo dõi hồ sơ): what citizens do with a dossier that they have looked up."""
