"""A strict S3 server on loopback, and fakes that keep the ports' promises."""
