#include "diff/columns.h"

#include "diff/names.h"

/* The two files while columns are chosen. */
struct chooser {
    const struct diff_options *options;
    const struct parquet_metadata *metadata[DIFF_SIDES];
    struct names names[DIFF_SIDES];
    bool *chosen; /* fields of the left file */
    struct diff_columns *columns;
};

static const char *path_of(const struct chooser *chooser, enum diff_side side)
{
    return side == DIFF_LEFT ? chooser->options->left : chooser->options->right;
}

/* The flat column of a name; false where there is none that can be read. */
static bool find(const struct chooser *chooser, enum diff_side side, const char *name,
                 uint32_t *ret)
{
    const struct parquet_metadata *metadata = chooser->metadata[side];
    uint32_t number = names_find(&chooser->names[side], name);
    if (number == NAMES_NONE || metadata->fields[number].nested)
        return false;
    *ret = metadata->fields[number].first_column;
    return !metadata->columns[*ret].nested && metadata->columns[*ret].unsupported == NULL;
}

static bool is_chosen(const struct chooser *chooser, const char *name)
{
    uint32_t number = names_find(&chooser->names[DIFF_LEFT], name);
    return number != NAMES_NONE && chooser->chosen[number];
}

static struct diff_column *add(struct chooser *chooser, const char *name, uint32_t left,
                               uint32_t right)
{
    struct diff_column *column = &chooser->columns->columns[chooser->columns->count++];
    chooser->chosen[names_find(&chooser->names[DIFF_LEFT], name)] = true;
    column->name = name;
    column->index[DIFF_LEFT] = left;
    column->index[DIFF_RIGHT] = right;
    for (int side = 0; side < DIFF_SIDES; side++)
        column->field[side] =
            parquet_column_field(&chooser->metadata[side]->columns[column->index[side]]);
    return column;
}

static enum error_code types_differ(const struct chooser *chooser, const struct diff_column *column,
                                    const char *role, struct error *error)
{
    char left[64], right[64];
    column_type_describe(&column->field[DIFF_LEFT].type, left, sizeof left);
    column_type_describe(&column->field[DIFF_RIGHT].type, right, sizeof right);
    error_set(error, ERROR_MISMATCH, "%s %s is %s in %s and %s in %s", role, column->name, left,
              path_of(chooser, DIFF_LEFT), right, path_of(chooser, DIFF_RIGHT));
    error_hint(error, "write it with one type in both files");
    return ERROR_MISMATCH;
}

static enum error_code add_key(struct chooser *chooser, const char *name, uint32_t left,
                               uint32_t right, struct error *error)
{
    struct diff_column *column = add(chooser, name, left, right);
    chooser->columns->key_count = chooser->columns->count;
    if (!diff_key_of(&column->field[DIFF_LEFT].type, &column->field[DIFF_RIGHT].type, &column->key))
        return types_differ(chooser, column, "key column", error);
    return ERROR_NONE;
}

static enum error_code add_named_keys(struct chooser *chooser, struct error *error)
{
    const struct diff_options *options = chooser->options;
    for (size_t i = 0; i < options->key_count; i++) {
        uint32_t index[DIFF_SIDES];
        if (is_chosen(chooser, options->keys[i]))
            return error_set(error, ERROR_USAGE, "key column %s is named twice", options->keys[i]);
        for (int side = 0; side < DIFF_SIDES; side++) {
            enum error_code code =
                parquet_find_column(chooser->metadata[side], options->keys[i], &index[side], error);
            if (code != ERROR_NONE) {
                error_in_file(error, path_of(chooser, side));
                return code;
            }
        }
        TRY(add_key(chooser, options->keys[i], index[DIFF_LEFT], index[DIFF_RIGHT], error));
    }
    return ERROR_NONE;
}

static bool is_key_type(const struct column_type *type)
{
    return !diff_is_float_or_decimal(type) && type->logical != COLUMN_UNKNOWN;
}

static bool may_be_key(const struct chooser *chooser, uint32_t left, uint32_t right)
{
    return is_key_type(&chooser->metadata[DIFF_LEFT]->columns[left].type) &&
           is_key_type(&chooser->metadata[DIFF_RIGHT]->columns[right].type);
}

/* Columns that both have, in the left file's order: those that may be keys, or the others. */
static enum error_code add_common(struct chooser *chooser, bool keys, struct error *error)
{
    const struct parquet_metadata *metadata = chooser->metadata[DIFF_LEFT];
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        uint32_t left, right;
        const char *name = metadata->fields[i].name;
        if (is_chosen(chooser, name) || !find(chooser, DIFF_LEFT, name, &left) ||
            !find(chooser, DIFF_RIGHT, name, &right))
            continue;
        if (keys && may_be_key(chooser, left, right))
            TRY(add_key(chooser, name, left, right, error));
        if (keys)
            continue;
        struct diff_column *column = add(chooser, name, left, right);
        if (!diff_value_pair_of(&column->field[DIFF_LEFT].type, &column->field[DIFF_RIGHT].type,
                                &column->pair))
            return types_differ(chooser, column, "column", error);
    }
    return ERROR_NONE;
}

/* Fields of one side that are not compared, and why; a name counts once. */
static void note_others(struct chooser *chooser, enum diff_side side)
{
    const struct parquet_metadata *metadata = chooser->metadata[side];
    struct diff_names *only = &chooser->columns->only[side];
    struct diff_names *skipped = &chooser->columns->skipped;
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        const char *name = metadata->fields[i].name;
        if (names_find(&chooser->names[side], name) != i || is_chosen(chooser, name))
            continue;
        if (names_find(&chooser->names[1 - side], name) == NAMES_NONE)
            only->names[only->count++] = name;
        else if (side == DIFF_LEFT)
            skipped->names[skipped->count++] = name;
    }
}

static enum error_code make_room(struct chooser *chooser, struct mem_arena *arena,
                                 struct error *error)
{
    struct diff_columns *columns = chooser->columns;
    size_t fields[DIFF_SIDES] = {chooser->metadata[DIFF_LEFT]->field_count,
                                 chooser->metadata[DIFF_RIGHT]->field_count};
    size_t count = fields[DIFF_LEFT] + chooser->options->key_count;
    void *memory;
    TRY(mem_arena_alloc_array(arena, count, sizeof *columns->columns, &memory, error));
    columns->columns = memory;
    for (int side = 0; side < DIFF_SIDES; side++) {
        TRY(mem_arena_alloc_array(arena, fields[side], sizeof(char *), &memory, error));
        columns->only[side].names = memory;
        TRY(names_create(&chooser->names[side], chooser->metadata[side], arena, error));
    }
    TRY(mem_arena_alloc_array(arena, fields[DIFF_LEFT], sizeof(char *), &memory, error));
    columns->skipped.names = memory;
    TRY(mem_arena_alloc_array(arena, fields[DIFF_LEFT], sizeof(bool), &memory, error));
    chooser->chosen = memory;
    return ERROR_NONE;
}

static enum error_code no_key(const struct chooser *chooser, struct error *error)
{
    error_set(error, ERROR_MISMATCH, "%s and %s have no column in common that may be a key",
              path_of(chooser, DIFF_LEFT), path_of(chooser, DIFF_RIGHT));
    error_hint(error,
               "name the key columns with --by; floats and decimals are keys only when named");
    return ERROR_MISMATCH;
}

enum error_code diff_columns_choose(const struct diff_options *options,
                                    const struct parquet_metadata *left,
                                    const struct parquet_metadata *right, struct mem_arena *arena,
                                    struct diff_columns *ret, struct error *error)
{
    struct diff_columns columns = {0};
    struct chooser chooser = {.options = options, .metadata = {left, right}, .columns = &columns};
    TRY(make_room(&chooser, arena, error));
    if (options->keys != NULL && options->key_count > 0)
        TRY(add_named_keys(&chooser, error));
    else
        TRY(add_common(&chooser, true, error));
    if (columns.key_count == 0)
        return no_key(&chooser, error);
    TRY(add_common(&chooser, false, error));
    note_others(&chooser, DIFF_LEFT);
    note_others(&chooser, DIFF_RIGHT);
    *ret = columns;
    return ERROR_NONE;
}
