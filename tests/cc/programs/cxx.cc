/* cxx.cc - classes with virtual functions, multiple inheritance, templates, static constructors, pointers to members. */
#include "tests/cc/say.h"

static int order;

struct shape {
    int id = ++order;
    virtual int area() const { return 0; }
    virtual int sides() const = 0;
    int twice() const { return 2 * area(); }
};
struct named {
    const char *name = "?";
    virtual const char *text() const { return name; }
};
struct square : shape, named {
    int a;
    explicit square(int side) : a(side) { name = "square"; }
    int area() const override { return a * a; }
    int sides() const override { return 4; }
};
struct triangle : named, shape {
    int b, h;
    triangle(int base, int height) : b(base), h(height) { name = "triangle"; }
    int area() const override { return b * h / 2; }
    int sides() const override { return 3; }
    const char *text() const override { return "a triangle"; }
};

template <typename T, int N> struct ring {
    T items[N];
    int next = 0;
    void put(T item) { items[next++ % N] = item; }
    T total() const
    {
        T sum = 0;
        for (T item : items)
            sum += item;
        return sum;
    }
};

static square first(3);
static triangle second(6, 5);
static ring<int, 4> numbers;
static ring<long long, 3> wide;

struct at_start {
    at_start() { order += 100; }
} static early;

int main()
{
    const shape *shapes[] = {&first, &second};
    const named *names[] = {&first, &second};
    int (shape::*member)() const = &shape::area;
    int (shape::*plain)() const = &shape::twice;
    const char *(named::*text)() const = &named::text;
    for (int i = 0; i < 2; i++) {
        say("%d %d %d %s %d %d %s\n", shapes[i]->id, shapes[i]->area(), shapes[i]->sides(), names[i]->text(),
            (shapes[i]->*member)(), (shapes[i]->*plain)(), (names[i]->*text)());
        member = &shape::sides;
    }
    for (int i = 0; i < 10; i++) {
        numbers.put(i * i);
        wide.put(1ll << (4 * i));
    }
    auto larger = [&](int by) { return numbers.total() + by; };
    say("%d %q %d %d\n", numbers.total(), (unsigned long long)wide.total(), larger(5), order);
    return order - 102;
}
