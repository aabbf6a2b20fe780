"""The ground that features stand on: settings, database, security, errors, HTTP furniture. Knows no feature."""
