using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Collection : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "LinkedAt",
                table: "ImageBlobs",
                newName: "UsedAt");

            migrationBuilder.AddColumn<string>(
                name: "Damage",
                table: "Blobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "DamagedAt",
                table: "Blobs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "BlobCandidates",
                columns: table => new
                {
                    BlobId = table.Column<long>(type: "INTEGER", nullable: false),
                    ImageId = table.Column<long>(type: "INTEGER", nullable: false),
                    QueuedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BlobCandidates", x => new { x.BlobId, x.ImageId });
                    table.ForeignKey(
                        name: "FK_BlobCandidates_Blobs_BlobId",
                        column: x => x.BlobId,
                        principalTable: "Blobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "CollectionRuns",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    StartedBy = table.Column<string>(type: "TEXT", nullable: true),
                    IsDryRun = table.Column<bool>(type: "INTEGER", nullable: false),
                    Blobs = table.Column<int>(type: "INTEGER", nullable: false),
                    BlobBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Uploads = table.Column<int>(type: "INTEGER", nullable: false),
                    UploadBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Orphans = table.Column<int>(type: "INTEGER", nullable: false),
                    OrphanBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Error = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CollectionRuns", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "DiscardedContent",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Location = table.Column<string>(type: "TEXT", nullable: false),
                    Size = table.Column<long>(type: "INTEGER", nullable: false),
                    DiscardedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DiscardedContent", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "IntegrityRuns",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    StartedBy = table.Column<string>(type: "TEXT", nullable: true),
                    IsQuick = table.Column<bool>(type: "INTEGER", nullable: false),
                    Position = table.Column<long>(type: "INTEGER", nullable: false),
                    Blobs = table.Column<int>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Manifests = table.Column<int>(type: "INTEGER", nullable: false),
                    Damaged = table.Column<int>(type: "INTEGER", nullable: false),
                    Error = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IntegrityRuns", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Blobs_DamagedAt",
                table: "Blobs",
                column: "DamagedAt",
                filter: "\"DamagedAt\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_BlobCandidates_QueuedAt",
                table: "BlobCandidates",
                column: "QueuedAt");

            migrationBuilder.CreateIndex(
                name: "IX_CollectionRuns_StartedAt",
                table: "CollectionRuns",
                column: "StartedAt");

            migrationBuilder.CreateIndex(
                name: "IX_DiscardedContent_DiscardedAt",
                table: "DiscardedContent",
                column: "DiscardedAt");

            migrationBuilder.CreateIndex(
                name: "IX_DiscardedContent_Location",
                table: "DiscardedContent",
                column: "Location",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_IntegrityRuns_StartedAt",
                table: "IntegrityRuns",
                column: "StartedAt");

            // What earlier versions left behind: links that no artifact of their image needs, and blobs without a link.
            migrationBuilder.Sql(
                """
                INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt")
                SELECT l."BlobId", l."ImageId", l."UsedAt" FROM "ImageBlobs" l JOIN "Images" i ON i."Id" = l."ImageId"
                WHERE NOT EXISTS (SELECT 1 FROM "ArtifactBlobs" a WHERE a."BlobId" = l."BlobId" AND a."RegistryId" = i."RegistryId" AND a."ImageId" = l."ImageId");
                """);
            migrationBuilder.Sql(
                """
                INSERT INTO "BlobCandidates" ("BlobId", "ImageId", "QueuedAt")
                SELECT b."Id", 0, b."CreatedAt" FROM "Blobs" b WHERE NOT EXISTS (SELECT 1 FROM "ImageBlobs" l WHERE l."BlobId" = b."Id");
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BlobCandidates");

            migrationBuilder.DropTable(
                name: "CollectionRuns");

            migrationBuilder.DropTable(
                name: "DiscardedContent");

            migrationBuilder.DropTable(
                name: "IntegrityRuns");

            migrationBuilder.DropIndex(
                name: "IX_Blobs_DamagedAt",
                table: "Blobs");

            migrationBuilder.DropColumn(
                name: "Damage",
                table: "Blobs");

            migrationBuilder.DropColumn(
                name: "DamagedAt",
                table: "Blobs");

            migrationBuilder.RenameColumn(
                name: "UsedAt",
                table: "ImageBlobs",
                newName: "LinkedAt");
        }
    }
}
