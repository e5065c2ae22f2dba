"""The version, as CMakeLists.txt has it: tools/build-wheel.sh writes this file into the wheel."""
__version__ = "0.1.0"
