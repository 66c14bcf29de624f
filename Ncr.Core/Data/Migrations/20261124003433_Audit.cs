using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events");

            migrationBuilder.AddColumn<long>(
                name: "StreamId",
                table: "Events",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "EventStreams",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Registry = table.Column<string>(type: "TEXT", nullable: false),
                    Actor = table.Column<string>(type: "TEXT", nullable: false),
                    Type = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EventStreams", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_EventStreams_Actor_Type_Registry",
                table: "EventStreams",
                columns: new[] { "Actor", "Type", "Registry" },
                unique: true);

            // Of what was recorded before; and by the trigger of all that is recorded from now on, whoever writes it. Whoever rebuilds the table "Events" has to make the trigger again.
            migrationBuilder.Sql("""INSERT INTO "EventStreams" ("Registry", "Actor", "Type") SELECT DISTINCT coalesce("Registry", ''), "Actor", "Type" FROM "Events";""");
            migrationBuilder.Sql("""
                UPDATE "Events" SET "StreamId" =
                    (SELECT s."Id" FROM "EventStreams" AS s WHERE s."Actor" = "Events"."Actor" AND s."Type" = "Events"."Type" AND s."Registry" = coalesce("Events"."Registry", ''));
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER "EventStreams_Insert" AFTER INSERT ON "Events" BEGIN
                    INSERT INTO "EventStreams" ("Registry", "Actor", "Type") SELECT coalesce(new."Registry", ''), new."Actor", new."Type"
                        WHERE NOT EXISTS (SELECT 1 FROM "EventStreams" WHERE "Actor" = new."Actor" AND "Type" = new."Type" AND "Registry" = coalesce(new."Registry", ''));
                    UPDATE "Events" SET "StreamId" =
                        (SELECT "Id" FROM "EventStreams" WHERE "Actor" = new."Actor" AND "Type" = new."Type" AND "Registry" = coalesce(new."Registry", ''))
                        WHERE "Id" = new."Id";
                END;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_Events_Image_StreamId_Id",
                table: "Events",
                columns: new[] { "Image", "StreamId", "Id" },
                filter: "\"StreamId\" IS NOT NULL AND \"Image\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events",
                columns: new[] { "Image", "Tag", "Id" },
                filter: "\"Tag\" IS NOT NULL AND \"Type\" <> 'artifact.pull'");

            migrationBuilder.CreateIndex(
                name: "IX_Events_StreamId_Id",
                table: "Events",
                columns: new[] { "StreamId", "Id" },
                filter: "\"StreamId\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DROP TRIGGER "EventStreams_Insert";""");
            migrationBuilder.DropTable(
                name: "EventStreams");

            migrationBuilder.DropIndex(
                name: "IX_Events_Image_StreamId_Id",
                table: "Events");

            migrationBuilder.DropIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events");

            migrationBuilder.DropIndex(
                name: "IX_Events_StreamId_Id",
                table: "Events");

            migrationBuilder.Sql("""ALTER TABLE "Events" DROP COLUMN "StreamId";"""); // EF Core's way would copy the whole table.

            migrationBuilder.CreateIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events",
                columns: new[] { "Image", "Tag", "Id" },
                filter: "\"Tag\" IS NOT NULL");
        }
    }
}
