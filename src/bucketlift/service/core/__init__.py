"""The installation as services see it, its fleet, and what runs wait for."""
