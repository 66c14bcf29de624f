using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class SortIndexes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Tags_ArtifactId_PushedAt",
                table: "Tags",
                columns: new[] { "ArtifactId", "PushedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Artifacts_ImageId_PullCount",
                table: "Artifacts",
                columns: new[] { "ImageId", "PullCount" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Tags_ArtifactId_PushedAt",
                table: "Tags");

            migrationBuilder.DropIndex(
                name: "IX_Artifacts_ImageId_PullCount",
                table: "Artifacts");
        }
    }
}
