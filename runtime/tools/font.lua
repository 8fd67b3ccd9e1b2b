-- font.lua FILE: print C that embeds the font's bytes, by the assembler.
print(([[
__asm__(".section .rodata\n.balign 16\n"
        ".globl mlpi_font\n.hidden mlpi_font\nmlpi_font:\n"
        ".incbin \"%s\"\n"
        ".globl mlpi_font_end\n.hidden mlpi_font_end\nmlpi_font_end:\n.byte 0\n"
        ".previous\n");
typedef int mlpi_font_unit; /* C wants one declaration */]]):format(arg[1]))
