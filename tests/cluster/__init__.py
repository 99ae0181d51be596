"""Two hosts of one desk on one PostgreSQL and one Redis, under load, while each part is killed in turn."""
