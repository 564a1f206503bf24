"""The SDKs of agencies as packages: a wheel for pip and a tarball for npm."""
