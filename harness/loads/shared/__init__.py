"""What several loads use: the registry lists the modules of `loads/`, not its packages."""
