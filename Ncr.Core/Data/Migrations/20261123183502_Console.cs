using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Console : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "DeletionId",
                table: "Registries",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Description",
                table: "Registries",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "DeletionId",
                table: "Images",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "AccessoryOf",
                table: "Artifacts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "ArtifactLabels",
                columns: table => new
                {
                    ArtifactId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ArtifactLabels", x => new { x.ArtifactId, x.Name });
                    table.ForeignKey(
                        name: "FK_ArtifactLabels_Artifacts_ArtifactId",
                        column: x => x.ArtifactId,
                        principalTable: "Artifacts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "DailyFigures",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    RegistryId = table.Column<long>(type: "INTEGER", nullable: false),
                    Pushes = table.Column<long>(type: "INTEGER", nullable: false),
                    Pulls = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DailyFigures", x => new { x.Day, x.RegistryId });
                });

            migrationBuilder.CreateTable(
                name: "Deletions",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    Registry = table.Column<string>(type: "TEXT", nullable: false),
                    Image = table.Column<string>(type: "TEXT", nullable: true),
                    Tag = table.Column<string>(type: "TEXT", nullable: true),
                    Digest = table.Column<string>(type: "TEXT", nullable: true),
                    Tags = table.Column<string>(type: "TEXT", nullable: true),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    By = table.Column<string>(type: "TEXT", nullable: false),
                    Address = table.Column<string>(type: "TEXT", nullable: true),
                    ExpiresAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ArtifactCount = table.Column<int>(type: "INTEGER", nullable: false),
                    TagCount = table.Column<int>(type: "INTEGER", nullable: false),
                    Size = table.Column<long>(type: "INTEGER", nullable: false),
                    TagPushedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    TagPushedBy = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Deletions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "StorageSamples",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Size = table.Column<long>(type: "INTEGER", nullable: false),
                    Blobs = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StorageSamples", x => x.Day);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Tags_ImageId_PushedAt",
                table: "Tags",
                columns: new[] { "ImageId", "PushedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Tags_Name",
                table: "Tags",
                column: "Name");

            migrationBuilder.CreateIndex(
                name: "IX_Images_DeletionId",
                table: "Images",
                column: "DeletionId",
                filter: "\"DeletionId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events",
                columns: new[] { "Image", "Tag", "Id" },
                filter: "\"Tag\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf",
                table: "Artifacts",
                columns: new[] { "ImageId", "AccessoryOf" },
                filter: "\"AccessoryOf\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ArtifactLabels_Name_Value",
                table: "ArtifactLabels",
                columns: new[] { "Name", "Value" });

            migrationBuilder.CreateIndex(
                name: "IX_ArtifactLabels_Value",
                table: "ArtifactLabels",
                column: "Value");

            migrationBuilder.CreateIndex(
                name: "IX_Deletions_ExpiresAt",
                table: "Deletions",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_Deletions_Registry_Id",
                table: "Deletions",
                columns: new[] { "Registry", "Id" });

            // What artifacts pushed before belong to, and what they say of themselves, as pushes keep it from now on.
            migrationBuilder.Sql("""UPDATE "Artifacts" SET "AccessoryOf" = "Subject" WHERE "Subject" IS NOT NULL""");
            migrationBuilder.Sql(
                """
                UPDATE "Artifacts" SET "AccessoryOf" = 'sha256:' || (SELECT substr(t."Name", 8, 64) FROM "Tags" t WHERE t."ArtifactId" = "Artifacts"."Id" AND t."Name" GLOB 'sha256-*' LIMIT 1)
                WHERE "AccessoryOf" IS NULL AND "Id" IN (SELECT "ArtifactId" FROM "Tags" WHERE "Name" GLOB 'sha256-*' AND (length("Name") = 71 OR substr("Name", 72, 1) = '.'))
                """);
            migrationBuilder.Sql(
                """
                INSERT OR IGNORE INTO "ArtifactLabels" ("ArtifactId", "Name", "Value")
                SELECT a."Id", substr(j."key", 1, 200), substr(j."value", 1, 200) FROM "Artifacts" a, json_each(a."Annotations") j WHERE a."Annotations" IS NOT NULL
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ArtifactLabels");

            migrationBuilder.DropTable(
                name: "DailyFigures");

            migrationBuilder.DropTable(
                name: "Deletions");

            migrationBuilder.DropTable(
                name: "StorageSamples");

            migrationBuilder.DropIndex(
                name: "IX_Tags_ImageId_PushedAt",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Tags_Name",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Images_DeletionId",
                table: "Images");

            migrationBuilder.DropIndex(
                name: "IX_Events_Image_Tag_Id",
                table: "Events");

            migrationBuilder.DropIndex(
                name: "IX_Artifacts_ImageId_AccessoryOf",
                table: "Artifacts");

            migrationBuilder.DropColumn(
                name: "DeletionId",
                table: "Registries");

            migrationBuilder.DropColumn(
                name: "Description",
                table: "Registries");

            migrationBuilder.DropColumn(
                name: "DeletionId",
                table: "Images");

            migrationBuilder.DropColumn(
                name: "AccessoryOf",
                table: "Artifacts");
        }
    }
}
