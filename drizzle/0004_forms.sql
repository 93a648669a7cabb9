CREATE TABLE "forms" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version_id" uuid NOT NULL,
	"schema" json NOT NULL,
	"ui" json NOT NULL,
	"confidence" "confidence" NOT NULL,
	"source" text,
	CONSTRAINT "forms_version_id_unique" UNIQUE("version_id")
);
--> statement-breakpoint
ALTER TABLE "forms" ADD CONSTRAINT "forms_version_id_service_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."service_versions"("id") ON DELETE no action ON UPDATE no action;