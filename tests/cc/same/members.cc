// members.cc - C++: virtual functions, member pointers, several bases, static constructors, templates.
#include <stdint.h>
#include <stdio.h>

struct shape {
    virtual int area() const { return 0; }
    int twice() const { return 2 * area(); }
    virtual ~shape() {}
};
struct named {
    virtual int letter() const { return 'n'; }
    virtual ~named() {}
};
struct square : shape, named {
    int side;
    explicit square(int s) : side(s) {}
    int area() const override { return side * side; }
    int letter() const override { return 's'; }
};
struct counter {
    static int count;
    int value;
    counter() : value(++count) {}
};
int counter::count = 40;
static counter first, second;

template <typename T> static T most(T a, T b) { return a < b ? b : a; }

static int call(const shape &s, int (shape::*method)() const) { return (s.*method)(); }

int main()
{
    square s(7);
    shape plain, *p = &s;
    named *n = &s;
    printf("%d %d %d %c\n", call(s, &shape::area), call(s, &shape::twice), call(plain, &shape::area), n->letter());
    printf("%d %d %d\n", p->area(), first.value, second.value);
    printf("%d %.2f\n", most(3, 9), most(2.5, -1.0));
    return counter::count - 42;
}
