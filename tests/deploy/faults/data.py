"""Faults of the database, its secrets and its connections."""

from tests.deploy.faults.fault import DATA, SERVICE, edit

FAULTS = (
    edit(
        "the database has a public address",
        DATA,
        "PubliclyAccessible: false",
        "PubliclyAccessible: true",
        "test_the_database_has_no_public_address",
    ),
    edit(
        "the disk is not encrypted",
        DATA,
        "StorageEncrypted: true",
        "StorageEncrypted: false",
        "test_the_database_is_encrypted",
    ),
    edit(
        "the wire may be plain",
        DATA,
        'rds.force_ssl: "1"',
        'rds.force_ssl: "0"',
        "test_the_database_is_encrypted",
    ),
    edit(
        "production has one zone",
        DATA,
        "MultiAZ: !If [IsProduction, true, false]",
        "MultiAZ: false",
        "test_production_survives_the_loss_of_a_zone",
    ),
    edit(
        "production keeps one day of backups",
        DATA,
        "!If [IsProduction, 14, 1]",
        "!If [IsProduction, 1, 14]",
        "test_production_can_be_restored_to_any_second_of_two_weeks",
    ),
    edit(
        "production can be deleted",
        DATA,
        "DeletionProtection: !If [IsProduction, true, false]",
        "DeletionProtection: !If [IsProduction, false, true]",
        "test_production_cannot_be_deleted_by_mistake",
    ),
    edit(
        "production may be put under load",
        SERVICE,
        "- !If [IsStaging, { Name: LOADTEST_KEY,",
        "- !If [IsProduction, { Name: LOADTEST_KEY,",
        "test_production_holds_no_key_of_the_load_test",
    ),
    edit(
        "pools beyond the database",
        SERVICE,
        "TasksMax: { Type: Number, Default: 8 }",
        "TasksMax: { Type: Number, Default: 40 }",
        "test_the_pools_fit_into_the_database",
    ),
)
