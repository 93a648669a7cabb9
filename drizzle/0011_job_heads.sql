CREATE TABLE "job_heads" (
	"name" text PRIMARY KEY NOT NULL,
	"position" bigint NOT NULL
);
