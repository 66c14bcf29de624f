using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class TagNameIndex : Migration
    {
        private static readonly (string Name, string[] Columns)[] LabelIndexes =
            [("IX_ArtifactLabels_Name_Value", ["Name", "Value"]), ("IX_ArtifactLabels_Value", ["Value"])];

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Tags_ImageId_PushedAt",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Tags_Name",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf",
                table: "Artifacts");

            migrationBuilder.CreateIndex(
                name: "IX_Tags_ImageId_PushedAt_Id_Name",
                table: "Tags",
                columns: new[] { "ImageId", "PushedAt", "Id", "Name" });

            // Indexes that a search goes by don't mind the case of a letter from A to Z; the model has no word for that.
            migrationBuilder.Sql("""CREATE INDEX "IX_Tags_Name_ImageId" ON "Tags" ("Name" COLLATE NOCASE, "ImageId");""");
            foreach (var (name, columns) in LabelIndexes)
            {
                migrationBuilder.Sql($"""DROP INDEX "{name}";""");
                migrationBuilder.Sql($"""CREATE INDEX "{name}" ON "ArtifactLabels" ({string.Join(", ", columns.Select(c => $"\"{c}\" COLLATE NOCASE"))});""");
            }

            // The groups of three characters in tags' names. It keeps no names itself, so the triggers tell it the old one, too. Only a new name concerns it: a tag that moves to another artifact or image does not.
            // Whoever rebuilds the table "Tags" (as SQLite's migrations do for a changed column) has to make the triggers again.
            migrationBuilder.Sql("""CREATE VIRTUAL TABLE "TagNames" USING fts5("Name", content='Tags', content_rowid='Id', tokenize='trigram', detail='none', columnsize=0);""");
            migrationBuilder.Sql("""INSERT INTO "TagNames"("TagNames") VALUES ('rebuild');""");
            migrationBuilder.Sql("""
                CREATE TRIGGER "TagNames_Insert" AFTER INSERT ON "Tags" BEGIN
                    INSERT INTO "TagNames"(rowid, "Name") VALUES (new."Id", new."Name");
                END;
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER "TagNames_Delete" AFTER DELETE ON "Tags" BEGIN
                    INSERT INTO "TagNames"("TagNames", rowid, "Name") VALUES ('delete', old."Id", old."Name");
                END;
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER "TagNames_Update" AFTER UPDATE OF "Name" ON "Tags" BEGIN
                    INSERT INTO "TagNames"("TagNames", rowid, "Name") VALUES ('delete', old."Id", old."Name");
                    INSERT INTO "TagNames"(rowid, "Name") VALUES (new."Id", new."Name");
                END;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf_PushedAt",
                table: "Artifacts",
                columns: new[] { "ImageId", "AccessoryOf", "PushedAt" },
                filter: "\"AccessoryOf\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            foreach (var trigger in new[] { "Insert", "Delete", "Update" })
            {
                migrationBuilder.Sql($"""DROP TRIGGER "TagNames_{trigger}";""");
            }

            migrationBuilder.Sql("""DROP TABLE "TagNames";""");
            foreach (var (name, columns) in LabelIndexes)
            {
                migrationBuilder.DropIndex(name, "ArtifactLabels");
                migrationBuilder.CreateIndex(name, "ArtifactLabels", columns);
            }

            migrationBuilder.DropIndex(
                name: "IX_Tags_ImageId_PushedAt_Id_Name",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Tags_Name_ImageId",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf_PushedAt",
                table: "Artifacts");

            migrationBuilder.CreateIndex(
                name: "IX_Tags_ImageId_PushedAt",
                table: "Tags",
                columns: new[] { "ImageId", "PushedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Tags_Name",
                table: "Tags",
                column: "Name");

            migrationBuilder.CreateIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf",
                table: "Artifacts",
                columns: new[] { "ImageId", "AccessoryOf" },
                filter: "\"AccessoryOf\" IS NOT NULL");
        }
    }
}
