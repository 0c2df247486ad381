"""What surrounds the application inside Orthanc."""
