"""The rules of filing, pure: the applicant, the papers, the dossier code, the choice of linked procedures."""
