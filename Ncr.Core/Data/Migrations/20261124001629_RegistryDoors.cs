using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Ncr.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class RegistryDoors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "AllowsAnonymousPull",
                table: "Registries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "IsPublicUriOn",
                table: "Registries",
                type: "INTEGER",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<string>(
                name: "Networks",
                table: "Registries",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "RecordsPulls",
                table: "Registries",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "AllowsAnonymousPull",
                table: "Registries");

            migrationBuilder.DropColumn(
                name: "IsPublicUriOn",
                table: "Registries");

            migrationBuilder.DropColumn(
                name: "Networks",
                table: "Registries");

            migrationBuilder.DropColumn(
                name: "RecordsPulls",
                table: "Registries");
        }
    }
}
