/* own.c - the shell's own commands. */
#include "os/apps/sh/sh.h"

typedef void own(uint32_t first, uint32_t end);

static const char *argument(uint32_t first, uint32_t end) { return first + 1 < end ? words[first + 1] : NULL; }

static void misused(const char *how)
{
    put_bytes(errors, "usage: ", 7);
    put_bytes(errors, how, length_of(how));
    put_bytes(errors, "\n", 1);
    last = WRONG;
}

static void leave(uint32_t first, uint32_t end)
{
    uint32_t status = last;
    if (end > first + 2 || (end == first + 2 && !read_number(words[first + 1], &status)))
        misused("exit [STATUS]"), status = WRONG;
    px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
}

static void kill_them(uint32_t first, uint32_t end)
{
    last = 0;
    if (end == first + 1)
        misused("kill PID|%JOB..");
    first +=
        end > first + 1 && (same(words[first + 1], "-9") || same(words[first + 1], "-KILL")); /* there is no other */
    for (uint32_t i = first + 1; i < end; i++) {
        uint32_t pid;
        const int32_t job = words[i][0] == '%' ? job_named(words[i]) : -1;
        if (job >= 0) {
            kill_job((uint32_t)job);
        } else if (!read_number(words[i], &pid) || pxo_kill(pid) < 0) {
            put_bytes(errors, "sh: kill: ", 10);
            put_bytes(errors, words[i], length_of(words[i]));
            static const char why[] = ": no such process, or not mine to kill\n";
            put_bytes(errors, why, sizeof why - 1);
            last = 1;
        }
    }
}

static void wait_all(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    wait_for_all();
}

static void change_folder(uint32_t first, uint32_t end)
{
    const char *to = argument(first, end);
    if (to == NULL)
        to = value_of("HOME", 4) == NULL ? "/" : value_of("HOME", 4);
    last = failed("cd", to, pxo_chdir(to, length_of(to)));
}

static void tell_folder(uint32_t first, uint32_t end)
{
    char path[MOST_PATH];
    const int32_t length = pxo_folder(path, sizeof path);
    (void)first, (void)end;
    last = length < 0;
    if (length >= 0) {
        path[length] = '\0';
        say(path);
        say("\n");
    }
}

static void jobs_told(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    reap(true);
    list_jobs();
    last = 0;
}

static void to_front(uint32_t first, uint32_t end)
{
    last = 1;
    front(argument(first, end));
}

static void export(uint32_t first, uint32_t end)
{
    last = 0;
    if (end == first + 1)
        list_variables(true);
    for (uint32_t i = first + 1; i < end; i++) {
        uint32_t length = 0;
        while (is_name(words[i], length + 1))
            length++;
        if (words[i][length] == '=' && length > 0)
            assign(words[i], true);
        else if (words[i][length] == '\0')
            export_name(words[i]);
        else
            misused("export [NAME[=VALUE]]..");
    }
}

static void unset(uint32_t first, uint32_t end)
{
    last = 0;
    for (uint32_t i = first + 1; i < end; i++)
        forget_name(words[i]);
}

static void set(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    last = 0;
    list_variables(false);
}

static void shift(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    last = parameter_count < 2;
    if (last != 0)
        return;
    parameters[1] = parameters[0];
    parameters++;
    parameter_count--;
}

static void history_told(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    list_history();
    last = 0;
}

static void source(uint32_t first, uint32_t end)
{
    if (end != first + 2)
        misused(". FILE");
    else
        run_script(words[first + 1]);
}

/* A line of input, as the value of a name. */
static void read_value(uint32_t first, uint32_t end)
{
    char text[LINE], byte;
    uint32_t used = 0;
    const char *name = argument(first, end);
    if (end != first + 2 || !is_name(name, length_of(name)) || length_of(name) > 64) {
        misused("read NAME");
        return;
    }
    for (; *name != '\0'; name++)
        text[used++] = *name;
    text[used++] = '=';
    int32_t got;
    while ((got = read_file(input, &byte, 1)) == 1 && byte != '\n')
        if (used < LINE - 1 && byte != '\0')
            text[used++] = byte;
    text[used] = '\0';
    last = got != 1;
    assign(text, false);
}

static void nothing(uint32_t first, uint32_t end)
{
    (void)first, (void)end;
    last = 0;
}

static void out_of_loop(uint32_t first, uint32_t end)
{
    nothing(first, end);
    leave_loop();
}

/* ---- test ---- */

static bool number_of(const char *text, int32_t *number)
{
    uint32_t value;
    const bool minus = *text == '-', good = read_number(text + minus, &value);
    *number = (int32_t)(minus ? 0 - value : value);
    return good;
}

static int compare(const char *what, int32_t a, int32_t b)
{
    return same(what, "-eq")   ? a == b
           : same(what, "-ne") ? a != b
           : same(what, "-lt") ? a < b
           : same(what, "-le") ? a <= b
           : same(what, "-gt") ? a > b
           : same(what, "-ge") ? a >= b
                               : -1;
}

/* 1, 0, or -1: it is no question. */
static int is_so(char **word, uint32_t count)
{
    pxo_stat about;
    int32_t a, b;
    if (count > 0 && same(word[0], "!")) {
        const int so = is_so(word + 1, count - 1);
        return so < 0 ? so : !so;
    }
    if (count <= 1)
        return count == 1 && word[0][0] != '\0';
    if (count == 3 && (same(word[1], "=") || same(word[1], "!=")))
        return same(word[0], word[2]) == (word[1][0] == '=');
    if (count == 3)
        return number_of(word[0], &a) && number_of(word[2], &b) ? compare(word[1], a, b) : -1;
    if (count != 2 || word[0][0] != '-' || word[0][1] == '\0' || word[0][2] != '\0')
        return -1;
    const char what = word[0][1];
    if (what == 'n' || what == 'z')
        return (word[1][0] != '\0') == (what == 'n');
    const bool there = pxo_stat_of(word[1], length_of(word[1]), &about) >= 0;
    return what == 'e'   ? there
           : what == 'f' ? there && about.kind == PXH_FILE
           : what == 'd' ? there && about.kind == PXH_FOLDER
           : what == 's' ? there && (about.size | about.size_high) != 0
                         : -1;
}

static void test(uint32_t first, uint32_t end)
{
    const bool bracket = same(words[first], "[");
    const int so = bracket && !same(words[end - 1], "]") ? -1 : is_so(words + first + 1, end - first - 1 - bracket);
    if (so < 0)
        misused("test -e|-f|-d|-s FILE | -n|-z TEXT | A =|!= B | A -eq|-ne|-lt|-le|-gt|-ge B");
    else
        last = !so;
}

/* ---- all of them ---- */

static void help(uint32_t first, uint32_t end);

static const struct {
    const char *name, *how;
    own *run;
} all[] = {
    {".", " FILE", source},
    {":", "", nothing},
    {"[", " .. ]", test},
    {"break", "", out_of_loop},
    {"cd", " [FOLDER]", change_folder},
    {"exit", " [STATUS]", leave},
    {"export", " [NAME[=VALUE]]..", export},
    {"fg", " [%JOB]", to_front},
    {"help", "", help},
    {"history", "", history_told},
    {"jobs", "", jobs_told},
    {"kill", " PID|%JOB..", kill_them},
    {"pwd", "", tell_folder},
    {"read", " NAME", read_value},
    {"set", "", set},
    {"shift", "", shift},
    {"test", " ..", test},
    {"unset", " NAME..", unset},
    {"wait", "", wait_all},
};

enum { OWN = sizeof all / sizeof *all };

/* A word, on a line of 79 columns at most; where it ends. */
static uint32_t say_beside(uint32_t column, const char *name, const char *how)
{
    const uint32_t length = length_of(name) + length_of(how);
    const bool fits = column + 1 + length < 80;
    say(fits ? " " : "\n");
    say(name);
    say(how);
    return (fits ? column + 1 : 0) + length;
}

static void help(uint32_t first, uint32_t end)
{
    uint32_t column = 9;
    (void)first, (void)end;
    say("Programs:");
    if (list_folder("/bin"))
        while (next_listed())
            column = say_beside(column, listed.name, "");
    say("\nThe shell's own:");
    column = 16;
    for (uint32_t i = 0; i < OWN; i++)
        column = say_beside(column, all[i].name, all[i].how);
    say("\nman tells what each is for, man NAME more; man sh has the language:\n"
        "| ; & && || < > >> 2> $NAME $(..) * ? if while for.\n");
    last = 0;
}

const char *own_name(uint32_t number) { return number < OWN ? all[number].name : NULL; }

bool is_own(const char *name)
{
    for (uint32_t i = 0; i < OWN; i++)
        if (same(all[i].name, name))
            return true;
    return false;
}

void run_own(uint32_t first, uint32_t end)
{
    unheard = false;
    for (uint32_t i = 0; i < OWN; i++)
        if (same(all[i].name, words[first]))
            all[i].run(first, end);
    if (unheard)
        last = 1;
}
