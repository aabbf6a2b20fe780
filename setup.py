"""Maps the two source roots and the root `migrations` folder to packages; everything else is in setup.cfg."""

from setuptools import find_packages, setup

PLUGINS = find_packages("plugins")
setup(
    packages=[*find_packages("core"), *PLUGINS, "tali.migrations", "tali.migrations.versions"],
    package_dir={
        "": "core",
        "tali.migrations": "migrations",
        **{name: f"plugins/{name}" for name in PLUGINS if "." not in name},
    },
)
